import { mount } from 'svelte'
import App from './App.svelte'
import { connect } from './ipc/view'
import './styles/kiosk.css'

const target = document.getElementById('app')
if (target === null) throw new Error('index.html has no #app')
mount(App, { target })
// A long press opens no menu: it would offer to reload, to copy, to paste.
window.addEventListener('contextmenu', (event) => event.preventDefault())
void connect()
